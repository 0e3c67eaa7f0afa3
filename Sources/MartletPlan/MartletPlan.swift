// MartletPlan
