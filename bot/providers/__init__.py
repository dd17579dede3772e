"""The world: one module per vendor, all behind `bot.ports.Provider`."""
