// MartletExecutors
