"""The pretend computer: VirtualBox, installers and XCP-ng hosts that exist only in memory and
in one file. It answers at real addresses with the real protocols, so that nothing of labkit
above `backend.py` can tell."""
