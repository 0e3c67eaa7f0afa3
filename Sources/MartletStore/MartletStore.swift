// MartletStore
