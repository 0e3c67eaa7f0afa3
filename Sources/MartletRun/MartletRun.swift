// MartletRun
