"""Rules about what a reader will paste."""
