// The screens in their order. A screen is one file here and one line below.
import Boxes from '@lucide/svelte/icons/boxes'
import GraduationCap from '@lucide/svelte/icons/graduation-cap'
import House from '@lucide/svelte/icons/house'
import Images from '@lucide/svelte/icons/images'
import Layers from '@lucide/svelte/icons/layers'
import ListChecks from '@lucide/svelte/icons/list-checks'
import Settings2 from '@lucide/svelte/icons/settings-2'
import Sparkles from '@lucide/svelte/icons/sparkles'
import type { Screen } from '../state/screen.ts'
import Adapters from './Adapters.svelte'
import Datasets from './Datasets.svelte'
import Generate from './Generate.svelte'
import Home from './Home.svelte'
import Jobs from './Jobs.svelte'
import Models from './Models.svelte'
import Settings from './Settings.svelte'
import Train from './Train.svelte'

export const screens: readonly Screen[] = [
  { name: 'home', title: 'nav.home', icon: House, component: Home },
  { name: 'datasets', title: 'nav.datasets', icon: Images, component: Datasets },
  { name: 'train', title: 'nav.train', icon: GraduationCap, component: Train },
  { name: 'generate', title: 'nav.generate', icon: Sparkles, component: Generate },
  { name: 'adapters', title: 'nav.adapters', icon: Layers, component: Adapters },
  { name: 'models', title: 'nav.models', icon: Boxes, component: Models },
  { name: 'jobs', title: 'nav.jobs', icon: ListChecks, component: Jobs },
  { name: 'settings', title: 'nav.settings', icon: Settings2, component: Settings },
]
