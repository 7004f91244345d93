"""The object types, by topic. Each object knows the ground it stands on and the value that it shows."""
