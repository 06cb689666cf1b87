// How a want of memory is said: by the C++ library, V8, the runtime's arenas, CUDA and its libraries, DirectX, Vulkan and Dawn.
const said = [
  // C++ (libstdc++ and libc++; MSVC) and V8.
  /bad_alloc|bad allocation/,
  /array buffer allocation failed|invalid (typed array|array buffer) length/,
  // The runtime's arenas, on the CPU and on cards.
  /failed to allocate|available memory of \d+ is smaller than requested/,
  // CUDA failure 2; cuBLAS and cuDNN when they cannot allocate their work space.
  /out of memory|STATUS_ALLOC_FAILED|cudaErrorMemoryAllocation/,
  // E_OUTOFMEMORY of Direct3D and DirectML.
  /8007000E|E_OUTOFMEMORY|not enough memory (resources|storage)|not enough storage is available/,
  // Vulkan, and Dawn before it asks the driver.
  /ERROR_OUT_OF_(DEVICE|HOST|POOL)_MEMORY|exceeds the max(imum)? (buffer size|storage buffer binding size)/,
].map((pattern) => new RegExp(pattern.source, 'i'))

export const saysOutOfMemory = (text: string): boolean => said.some((pattern) => pattern.test(text))
