"""What every model stands on: configuration, loading and saving of weights, base classes, losses."""
