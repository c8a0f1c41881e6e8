"""What a machine boots: the vendor's ISO, seen through a medium that answers its questions."""
