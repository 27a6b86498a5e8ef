"""From a student to bundles: lowering, one file per runtime, one TOML per target device."""
