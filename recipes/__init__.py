"""How every embedded model was made: data fetched by name, seed, script, score."""
