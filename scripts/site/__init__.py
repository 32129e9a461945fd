"""The docs site: what scripts/docs runs. `structure` says which page stands where, `pages` writes them, `links` checks what came out."""
