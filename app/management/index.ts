import type { ManagementCommand } from './command.ts'
import { check } from './check.ts'
import { createsuperuser } from './createsuperuser.ts'
import { exportData } from './export-data.ts'
import { initdb } from './initdb.ts'
import { loadData } from './load-data.ts'
import { makemigrations } from './makemigrations.ts'
import { migrate } from './migrate.ts'
import { rotatesecrets } from './rotatesecrets.ts'
import { runserver } from './runserver.ts'
import { shell } from './shell.ts'
import { showmigrations } from './showmigrations.ts'
import { showusers } from './showusers.ts'
import { sqlmigrate } from './sqlmigrate.ts'
import { start } from './start.ts'

/** Every command, in the order `./manage` shows them. */
export const COMMANDS: ManagementCommand[] = [
  createsuperuser,
  showusers,
  rotatesecrets,
  migrate,
  initdb,
  makemigrations,
  showmigrations,
  sqlmigrate,
  loadData,
  exportData,
  start,
  runserver,
  shell,
  check,
]
