"""How often to inspect whom: colours, distributions and draws."""
