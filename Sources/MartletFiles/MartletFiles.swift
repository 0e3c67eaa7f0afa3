// MartletFiles
