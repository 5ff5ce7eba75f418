#include "CFlowSystem.h"
