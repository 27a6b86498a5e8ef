"""The steps of a project, each done once for the same inputs."""
