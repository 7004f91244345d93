"""The words of the field as values: nodes, links, changes and facts. It knows nothing of graphs, stores or doors."""
