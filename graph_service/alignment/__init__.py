"""What the graph means: plain functions and one class, no input or output, no clock."""
