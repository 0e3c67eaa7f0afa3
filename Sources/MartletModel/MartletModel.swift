// MartletModel
