// Stand-ins for Python's symbols, so that the DuckDB of Python's wheel loads where no libpython is installed.
//
// Only data symbols and taken addresses must resolve when the wheel is loaded; functions resolve when called, and DuckDB's C API calls
// none. The stand-ins are a shared object of four tables (dynamic, hash, symbols, strings) and zeroed storage, written to a memory file.
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "CDuckDB.h"

#ifdef __linux__

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { buckets = 512, bytes_each = 512, page = 65536 };

typedef struct {
  const char **names;
  int count;
  int capacity;
  uint16_t machine;
} symbol_list;

static bool is_python(const char *name) { return strncmp(name, "Py", 2) == 0 || strncmp(name, "_Py", 3) == 0; }

// Collects the undefined Python symbols of a mapped ELF file; false if it is none that this machine could load.
static bool collect(const unsigned char *file, size_t size, symbol_list *list) {
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
  if (size < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return false;
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_shoff == 0) return false;
  if (header->e_shoff + (size_t)header->e_shnum * sizeof(Elf64_Shdr) > size) return false;
  list->machine = header->e_machine;
  const Elf64_Shdr *sections = (const Elf64_Shdr *)(file + header->e_shoff);
  for (int i = 0; i < header->e_shnum; i++) {
    if (sections[i].sh_type != SHT_DYNSYM || sections[i].sh_link >= header->e_shnum) continue;
    const Elf64_Shdr *strings = &sections[sections[i].sh_link];
    if (sections[i].sh_offset + sections[i].sh_size > size || strings->sh_offset + strings->sh_size > size) return false;
    const Elf64_Sym *symbols = (const Elf64_Sym *)(file + sections[i].sh_offset);
    for (size_t k = 0; k < sections[i].sh_size / sizeof(Elf64_Sym); k++) {
      if (symbols[k].st_shndx != SHN_UNDEF || symbols[k].st_name >= strings->sh_size) continue;
      const char *name = (const char *)file + strings->sh_offset + symbols[k].st_name;
      if (!is_python(name)) continue;
      if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 256 : 2 * list->capacity;
        const char **grown = realloc(list->names, (size_t)list->capacity * sizeof *grown);
        if (grown == NULL) return false;
        list->names = grown;
      }
      list->names[list->count++] = name;
    }
  }
  return true;
}

// The hash of the System V ABI, by which the loader looks symbols up.
static uint32_t system_v_hash(const char *name) {
  uint32_t hash = 0;
  for (; *name != 0; name++) {
    hash = (hash << 4) + (unsigned char)*name;
    uint32_t high = hash & 0xf0000000;
    hash = (hash ^ (high >> 24)) & ~high;
  }
  return hash;
}

// Builds the shared object; the caller frees it.
static unsigned char *build(const symbol_list *list, size_t *size) {
  size_t count = (size_t)list->count + 1;
  size_t text = 1;
  for (int i = 0; i < list->count; i++) text += strlen(list->names[i]) + 1;
  size_t dynamic_at = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr);
  size_t symbols_at = dynamic_at + 6 * sizeof(Elf64_Dyn);
  size_t hash_at = symbols_at + count * sizeof(Elf64_Sym);
  size_t text_at = hash_at + (2 + buckets + count) * sizeof(uint32_t);
  *size = text_at + text;
  size_t storage_at = (*size + page) / page * page;

  unsigned char *object = calloc(1, *size);
  if (object == NULL) return NULL;
  Elf64_Ehdr *header = (Elf64_Ehdr *)object;
  memcpy(header->e_ident, ELFMAG, SELFMAG);
  header->e_ident[EI_CLASS] = ELFCLASS64;
  header->e_ident[EI_DATA] = ELFDATA2LSB;
  header->e_ident[EI_VERSION] = EV_CURRENT;
  header->e_type = ET_DYN;
  header->e_machine = list->machine;
  header->e_version = EV_CURRENT;
  header->e_ehsize = sizeof(Elf64_Ehdr);
  header->e_phoff = sizeof(Elf64_Ehdr);
  header->e_phentsize = sizeof(Elf64_Phdr);
  header->e_phnum = 2;

  Elf64_Phdr *segments = (Elf64_Phdr *)(object + sizeof(Elf64_Ehdr));
  segments[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_filesz = *size, .p_align = page};
  segments[0].p_memsz = storage_at + count * bytes_each;
  segments[1] = (Elf64_Phdr){.p_type = PT_DYNAMIC, .p_flags = PF_R | PF_W, .p_align = 8};
  segments[1].p_offset = segments[1].p_vaddr = segments[1].p_paddr = dynamic_at;
  segments[1].p_filesz = segments[1].p_memsz = 6 * sizeof(Elf64_Dyn);

  Elf64_Dyn *dynamic = (Elf64_Dyn *)(object + dynamic_at);
  dynamic[0] = (Elf64_Dyn){.d_tag = DT_HASH, .d_un.d_ptr = hash_at};
  dynamic[1] = (Elf64_Dyn){.d_tag = DT_SYMTAB, .d_un.d_ptr = symbols_at};
  dynamic[2] = (Elf64_Dyn){.d_tag = DT_STRTAB, .d_un.d_ptr = text_at};
  dynamic[3] = (Elf64_Dyn){.d_tag = DT_STRSZ, .d_un.d_val = text};
  dynamic[4] = (Elf64_Dyn){.d_tag = DT_SYMENT, .d_un.d_val = sizeof(Elf64_Sym)};

  Elf64_Sym *symbols = (Elf64_Sym *)(object + symbols_at);
  uint32_t *hash = (uint32_t *)(object + hash_at);
  uint32_t *chains = hash + 2 + buckets;
  hash[0] = buckets;
  hash[1] = (uint32_t)count;
  char *strings = (char *)object + text_at;
  size_t string_at = 1;
  for (uint32_t i = 1; i < count; i++) {
    const char *name = list->names[i - 1];
    strcpy(strings + string_at, name);
    symbols[i].st_name = (uint32_t)string_at;
    symbols[i].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
    symbols[i].st_shndx = 1;  // any section but the undefined one
    symbols[i].st_value = storage_at + (size_t)i * bytes_each;
    symbols[i].st_size = bytes_each;
    string_at += strlen(name) + 1;
    uint32_t *bucket = &hash[2 + system_v_hash(name) % buckets];
    chains[i] = *bucket;
    *bucket = i;
  }
  return object;
}

static int load(const unsigned char *object, size_t size, char *error, int capacity) {
  int file = memfd_create("python-stand-ins", MFD_CLOEXEC);
  if (file < 0 || write(file, object, size) != (ssize_t)size) {
    snprintf(error, (size_t)capacity, "no memory file for stand-ins of Python's symbols: %s", strerror(errno));
    if (file >= 0) close(file);
    return -1;
  }
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  void *library = dlopen(name, RTLD_NOW | RTLD_GLOBAL);
  close(file);
  if (library != NULL) return 0;
  snprintf(error, (size_t)capacity, "stand-ins of Python's symbols: %s", dlerror());
  return -1;
}

int martlet_python_stand_ins(const char *path, char *error, int capacity) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) {
    snprintf(error, (size_t)capacity, "%s: %s", path, strerror(errno));
    if (file >= 0) close(file);
    return -1;
  }
  size_t size = (size_t)status.st_size;
  void *mapped = size == 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
  close(file);
  if (mapped == MAP_FAILED) {
    snprintf(error, (size_t)capacity, "%s: cannot be mapped", path);
    return -1;
  }
  symbol_list list = {0};
  int result = 0;
  if (!collect(mapped, size, &list)) {
    snprintf(error, (size_t)capacity, "%s: not a 64-bit ELF library", path);
    result = -1;
  } else if (list.count > 0) {
    size_t object_size = 0;
    unsigned char *object = build(&list, &object_size);
    result = object == NULL ? -1 : load(object, object_size, error, capacity);
    free(object);
  }
  free(list.names);
  munmap(mapped, size);
  return result;
}

#else

int martlet_python_stand_ins(const char *path, char *error, int capacity) { return 0; }

#endif
