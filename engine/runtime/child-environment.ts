// What a process that opens files of strangers is told of this machine: what systems, drivers and runtimes look for, and none of a person's secrets.

/** In capitals; a system's own spelling may differ (`Path`). */
const names = new Set(
  (
    'PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TERM TMPDIR TEMP TMP ' +
    'SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES ' +
    'NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE __CF_USER_TEXT_ENCODING DISPLAY WAYLAND_DISPLAY DRI_PRIME ' +
    'GLIBC_TUNABLES SOURCE_DATE_EPOCH UV_THREADPOOL_SIZE NODE_COMPILE_CACHE'
  ).split(' '),
)
/** Locales, loaders, graphics and compute drivers, threads, fonts, ours. */
const beginnings =
  /^(LC_|XDG_|LD_|DYLD_|CUDA|CUDNN|NVIDIA_|__NV_|__GLX_|VK_|VULKAN_|MESA_|GALLIUM_|LIBGL_|RADV_|ORT_|OMP_|KMP_|MALLOC_|FONTCONFIG_|VIPS_|PIGMENT_)/

export function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => names.has(name.toUpperCase()) || beginnings.test(name.toUpperCase())),
  )
}
