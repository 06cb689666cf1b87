import { describeMachine } from '../describe-machine.ts'

export const machine = ({ folder }: { folder: string }) => describeMachine(folder)
