/* Starts a VirtualBox machine on a computer without VirtualBox's kernel driver.
 *
 * Debian's VBoxHeadless is a small setuid program that opens /dev/vboxdrv before anything else.
 * This one takes its place in the test rig's tree. It asks VirtualBox's own runtime for the mode
 * it has for such computers, in which the guest's processor is interpreted, and goes on in the
 * unmodified VBoxHeadless.so.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PROGRAMS "/usr/lib/virtualbox/"

/* SUPR3INIT_F_DRIVERLESS and SUPR3INIT_F_DRIVERLESS_IEM_ALLOWED of VirtualBox's sup.h */
static const uint32_t WITHOUT_DRIVER = (1u << 2) | (1u << 3);

typedef int initialise_runtime(int argc, char ***argv, uint32_t flags);
typedef int initialise_support(uint32_t flags, void **session);
typedef int headless_main(int argc, char **argv, char **environment);

static void *library(const char *path)
{
    void *found = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (found == NULL) {
        fprintf(stderr, "driverless: %s\n", dlerror());
        exit(EXIT_FAILURE);
    }
    return found;
}

static void *function(void *in, const char *name)
{
    void *found = dlsym(in, name);
    if (found == NULL) {
        fprintf(stderr, "driverless: VirtualBox has no %s any more\n", name);
        exit(EXIT_FAILURE);
    }
    return found;
}

static void expect(int status, const char *what)
{
    if (status < 0) {
        fprintf(stderr, "driverless: %s says %d\n", what, status);
        exit(EXIT_FAILURE);
    }
}

int main(int argc, char **argv, char **environment)
{
    void *runtime = library(PROGRAMS "VBoxRT.so");
    initialise_runtime *begin = function(runtime, "RTR3InitExe");
    initialise_support *support = function(runtime, "SUPR3InitEx");
    void *session = NULL;

    expect(begin(argc, &argv, 0), "RTR3InitExe");
    expect(support(WITHOUT_DRIVER, &session), "SUPR3InitEx");

    void *headless = library(PROGRAMS "VBoxHeadless.so");
    headless_main *go_on = function(headless, "TrustedMain");
    return go_on(argc, argv, environment);
}
