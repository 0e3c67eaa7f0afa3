#include "CLightGBM.h"
