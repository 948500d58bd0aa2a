"""The embedded deployment: a server and all services on this machine."""
