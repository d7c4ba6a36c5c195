"""PeerTube: videos of a channel, an account, a search or a server, and what is written under them; one video."""
