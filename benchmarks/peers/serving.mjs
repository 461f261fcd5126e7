// What a participant's process does: see serving.py, which says the same for Python.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const FEWEST = 5
const FIRST = 3
const SHORTEST = 5

/** Answer the parent until it closes the pipe. `make` takes a workload and returns { prepare, match }. */
export async function serve(make, packageName) {
  let matcher
  let profiles = []
  let prepared = []
  let each = 0
  let shortest = 0
  for await (const line of createInterface({ input: process.stdin })) {
    const [order, value] = Object.entries(JSON.parse(line))[0]
    let answer
    if (order === 'load') {
      const workload = JSON.parse(readFileSync(value, 'utf8'))
      const begun = performance.now()
      matcher = make(workload)
      const seconds = (performance.now() - begun) / 1000
      profiles = workload.profiles
      prepared = profiles.slice(0, FIRST).map(matcher.prepare)
      answer = { seconds, version: version(packageName) }
    } else if (order === 'probe') {
      each = await secondsEach(matcher, prepared)
      shortest = value / SHORTEST
      answer = Math.min(profiles.length, Math.max(FEWEST, Math.floor(value / each)))
      prepared.push(...profiles.slice(prepared.length, answer).map(matcher.prepare))
    } else if (order === 'results') {
      answer = await matcher.match(prepared.slice(0, value))
    } else {
      const batch = prepared.slice(0, value)
      const repeats = Math.max(1, Math.round(shortest / (each * value)))
      const begun = performance.now()
      for (let turn = 0; turn < repeats; turn += 1) await matcher.match(batch)
      answer = (performance.now() - begun) / 1000 / repeats
    }
    process.stdout.write(JSON.stringify(answer) + '\n')
  }
}

/** Return about how many seconds a profile takes. */
async function secondsEach(matcher, prepared) {
  await matcher.match(prepared.slice(0, 1))
  const begun = performance.now()
  await matcher.match(prepared.slice(0, FIRST))
  return (performance.now() - begun) / 1000 / FIRST
}

function version(name) {
  const entry = createRequire(import.meta.url).resolve(name)
  const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`)) + `node_modules/${name}`
  return JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')).version
}
