// Opens LightGBM's shared library and looks up the functions of the table in CLightGBM.h.
#include "CLightGBM.h"

#include <dlfcn.h>
#include <stdio.h>

static int missing(const char *what, char *reason, size_t capacity) {
  snprintf(reason, capacity, "%s", what ? what : "unknown reason");
  return -1;
}

// POSIX lets a data pointer from dlsym hold a function's address; C itself does not, so it goes through the slot's bytes.
static int look_up(void *library, const char *symbol, void *slot, char *reason, size_t capacity) {
  void *address = dlsym(library, symbol);
  if (!address) {
    snprintf(reason, capacity, "it has no function %s: not the LightGBM that Martlet knows", symbol);
    return -1;
  }
  *(void **)slot = address;
  return 0;
}

int lightgbm_open(const char *path, lightgbm_functions *functions, char *reason, size_t capacity) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return missing(dlerror(), reason, capacity);

  const struct {
    const char *symbol;
    void *slot;
  } table[] = {
      {"LGBM_GetLastError", &functions->last_error},
      {"LGBM_DumpParamAliases", &functions->parameter_aliases},
      {"LGBM_DatasetCreateFromSampledColumn", &functions->dataset_from_samples},
      {"LGBM_DatasetCreateByReference", &functions->dataset_like},
      {"LGBM_DatasetPushRows", &functions->dataset_push_rows},
      {"LGBM_DatasetGetSubset", &functions->dataset_subset},
      {"LGBM_DatasetSetFeatureNames", &functions->dataset_set_names},
      {"LGBM_DatasetSetField", &functions->dataset_set_field},
      {"LGBM_DatasetGetNumData", &functions->dataset_row_count},
      {"LGBM_DatasetFree", &functions->dataset_free},
      {"LGBM_BoosterCreate", &functions->booster_create},
      {"LGBM_BoosterLoadModelFromString", &functions->booster_from_text},
      {"LGBM_BoosterAddValidData", &functions->booster_add_validation},
      {"LGBM_BoosterUpdateOneIter", &functions->booster_update},
      {"LGBM_BoosterGetEvalCounts", &functions->booster_evaluation_count},
      {"LGBM_BoosterGetEval", &functions->booster_evaluate},
      {"LGBM_BoosterGetNumFeature", &functions->booster_feature_count},
      {"LGBM_BoosterGetFeatureNames", &functions->booster_feature_names},
      {"LGBM_BoosterSaveModelToString", &functions->booster_to_text},
      {"LGBM_BoosterFeatureImportance", &functions->booster_importance},
      {"LGBM_BoosterPredictForMat", &functions->booster_predict},
      {"LGBM_BoosterFree", &functions->booster_free},
  };
  for (size_t index = 0; index < sizeof table / sizeof table[0]; index++) {
    if (look_up(library, table[index].symbol, table[index].slot, reason, capacity) != 0) return -1;
  }
  return 0;
}
