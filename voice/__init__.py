"""The provider's door: webhooks in, TwiML out, signatures, provider profiles."""
