"""What the command line prints: tables for people, the protos' JSON for programs."""
