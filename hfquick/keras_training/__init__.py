"""Training in Keras: what fit, evaluate and predict do with a model of this package."""
