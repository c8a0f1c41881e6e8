"""What a person wants: scenarios, read from YAML into typed, frozen models."""
