/**
 * Lets one set-up at a time write node_modules and dist; others wait for it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

import { ROOT } from './run.mjs'

const FILE = join(ROOT, '.cache/setup.lock')

export async function withLock(work) {
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  let told = false
  while (!tryTake()) {
    if (!told) process.stderr.write('set-up: waiting for another set-up of this folder to end\n')
    told = true
    await sleep(200)
  }
  try {
    return await work()
  } finally {
    rmSync(FILE, { force: true })
  }
}

function tryTake() {
  try {
    writeFileSync(FILE, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!holderLives()) rmSync(FILE, { force: true })
    return false
  }
}

function holderLives() {
  try {
    process.kill(Number(readFileSync(FILE, 'utf8')), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
