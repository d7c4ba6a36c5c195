"""Train the models of `enrich/models` from texts that do not ship: `vigie language train`, `vigie tone train`."""
