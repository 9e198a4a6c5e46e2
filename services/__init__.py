"""The two gRPC services and what they share; started by their ``main`` modules."""
