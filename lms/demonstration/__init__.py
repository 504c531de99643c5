"""The demonstration: three invented organisations with people, history and assessments. The same seed gives the same data."""
