"""The provider's REST API: asked by jobs and commands, never inside a webhook."""
