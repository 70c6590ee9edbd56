# bash completion for goshim(1)

_goshim_pids() {
  local dir
  for dir in /proc/[0-9]*; do
    grep -qs libgoshim "$dir/maps" && printf '%s\n' "${dir#/proc/}"
  done
}

_goshim() {
  local cur prev words cword command i options='' values=''
  _init_completion -n = || return
  command=${words[1]}
  if [[ $cword -eq 1 ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'run doctor stats stacks top trace bench help --help --version' -- "$cur")
    return
  fi
  # Behind "--", and for run behind the first word that is no option: the program's own completion.
  for ((i = 2; i < cword; i++)); do
    case ${words[i]} in
      --) ((i++)) ;;
      --procs | --threads | --netpoll | --stack-size | --patch | --wire | --debug | --rules | --stats-file) ((i++)); continue ;;
      -*) continue ;;
      *) [[ $command = run ]] || continue ;;
    esac
    if [[ $command = run || ${words[i - 1]} = -- ]]; then
      _command_offset "$i"
      return
    fi
  done
  case $prev in
    --rules | --stats-file | --json | -o) [[ $command != stats ]] && { _filedir; return; } ;;
    --netpoll) values='epoll uring' ;;
    --patch) values='0 1' ;;
    --sort) values='wait id state' ;;
    --debug) values='schedtrace=1000 verbose=1 guard=0 fsgsbase=0 help' ;;
    -l | --load) mapfile -t COMPREPLY < <(compgen -c -- "$cur"); return ;;
    --procs | --threads | --stack-size | --wire | -d | -n | -t | --max-mb | --wait-ms | --filter) return ;;
  esac
  if [[ -n $values ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
    return
  fi
  case $command in
    run) options='--procs --threads --netpoll --stack-size --patch --wire --debug --rules --stats --stats-file --' ;;
    stats) options='--json --prometheus' ;;
    stacks) options='--all-frames --no-groups' ;;
    top) options='-d -n --sort --filter' ;;
    trace) options='-o -t --max-mb --json --off --' ;;
    bench) options='--load -n --wait-ms --' ;;
  esac
  if [[ $cur = -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$cur")
    return
  fi
  case $command in
    run) _command_offset "$cword" ;;
    doctor)
      mapfile -t COMPREPLY < <(compgen -W "$(_goshim_pids)" -- "$cur"; compgen -c -- "$cur")
      ;;
    stats | stacks)
      mapfile -t COMPREPLY < <(compgen -W "$(_goshim_pids)" -- "$cur"; compgen -f -- "$cur")
      ;;
    top | trace) mapfile -t COMPREPLY < <(compgen -W "$(_goshim_pids)" -- "$cur") ;;
  esac
}

complete -F _goshim goshim
