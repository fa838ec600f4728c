"""Rules about whether runbooks are as new as the code they cover."""
