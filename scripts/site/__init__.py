"""The docs site, for scripts/docs: `structure` says what stands where, `pages` writes it, `links` checks the result."""
