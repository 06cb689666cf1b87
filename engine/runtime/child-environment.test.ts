import { expect, test } from 'vitest'
import { childEnvironment } from './child-environment.ts'

test('what a driver looks for is passed on, and no secret', () => {
  const wanted = {
    PATH: '/bin',
    Path: 'C:\\',
    SystemRoot: 'C:\\Windows',
    HOME: '/h',
    LC_ALL: 'C',
    LD_LIBRARY_PATH: '/l',
    CUDA_VISIBLE_DEVICES: '0',
    VK_DRIVER_FILES: '/v',
    XDG_CACHE_HOME: '/c',
    PIGMENT_HOME: '/p',
    ORT_DISABLE_TELEMETRY: '1',
  }
  const secret = {
    AWS_SECRET_ACCESS_KEY: 's',
    GITHUB_TOKEN: 's',
    HF_TOKEN: 's',
    SSH_AUTH_SOCK: '/s',
    NODE_OPTIONS: '--require x',
    ELECTRON_RUN_AS_NODE: '1',
    HTTPS_PROXY: 'http://me:s@proxy',
    npm_config__auth: 's',
  }
  expect(childEnvironment({ ...wanted, ...secret })).toEqual(wanted)
})
