"""Small programs in languages that have threads of their own making: green ones over kernel threads, collectors that stop
the others by signals, locks of their own. What each prints is the same at every run."""
import os
import shutil
import subprocess

from commands import write

JAVA = """
import java.net.*; import java.util.*; import java.util.concurrent.*;
public class T {
  public static void main(String[] args) throws Exception {
    var local = InetAddress.getLoopbackAddress();
    var server = new ServerSocket(0, 100, local);
    var pool = Executors.newFixedThreadPool(50);
    pool.submit(() -> {
      for (int i = 0; i < 100; i++) {
        var peer = server.accept();
        pool.submit(() -> { peer.getOutputStream().write(peer.getInputStream().read() + 1); peer.close(); return 0; });
      }
      return 0;
    });
    var clients = Executors.newFixedThreadPool(30);
    var all = new ArrayList<Future<Integer>>();
    for (int i = 0; i < 100; i++) {
      int k = i;
      all.add(clients.submit(() -> {
        try (var peer = new Socket(local, server.getLocalPort())) {
          peer.getOutputStream().write(k);
          return peer.getInputStream().read();
        }
      }));
    }
    int sum = 0;
    for (var one : all) sum += one.get();
    System.gc();
    System.out.println("sum " + sum);
    pool.shutdown();
    clients.shutdown();
  }
}
"""
NODE = """
const {Worker} = require('worker_threads')
let left = 4, sum = 0
for (let i = 0; i < 4; i++) {
  const code = `require('worker_threads').parentPort.postMessage(${i} * 10)`
  new Worker(code, {eval: true}).on('message', n => { sum += n; if (--left == 0) console.log('workers', sum) })
}
process.on('exit', () => console.log('over'))
"""
GO = """
package main

import ("fmt"; "io"; "net/http"; "net/http/httptest"; "sync")

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hi") }))
	var wg sync.WaitGroup
	var mu sync.Mutex
	n := 0
	for i := 0; i < 100; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if answer, err := http.Get(server.URL); err == nil {
				text, _ := io.ReadAll(answer.Body)
				mu.Lock()
				n += len(text)
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	fmt.Println(n)
}
"""
# Its lock goes round by a timer thread; a Ractor has its own.
RUBY = """
require 'socket'
require 'timeout'
queue, lock, sum = Queue.new, Mutex.new, 0
squares = 30.times.map { |i|
  Thread.new { 100.times { lock.synchronize { sum += i }; queue << i; Thread.pass }; sleep 0.01; `true`; i * i }
}
puts squares.map(&:value).sum, sum, queue.size
begin
  Timeout.timeout(0.1) { sleep 60 }
rescue Timeout::Error
  puts 'late'
end
server = TCPServer.new('127.0.0.1', 0)
Thread.new { loop { peer = server.accept; Thread.new { peer.puts peer.gets.upcase; peer.close } } }
puts 50.times.map { |i|
  Thread.new { peer = TCPSocket.new('127.0.0.1', server.addr[1]); peer.puts "x#{i}"; peer.gets }
}.map(&:value).sort
$VERBOSE = nil
puts 4.times.map { |i| Ractor.new(i) { |n| n * 2 } }.map(&:take).sum
"""
PERL = """
use threads; use threads::shared; use Thread::Queue;
my $sum :shared = 0;
my $queue = Thread::Queue->new;
my @all = map { my $i = $_; threads->create(sub {
  for (1 .. 100) { lock($sum); $sum += $i }
  $queue->enqueue($i);
  select(undef, undef, undef, 0.01);
  return $i * $i;
}) } 1 .. 20;
my $squares = 0;
$squares += $_->join for @all;
print "$squares $sum ", $queue->pending, "\\n";
$SIG{ALRM} = sub { print "alarm\\n" };
alarm 1;
sleep 60;
"""
# The collector stops all others by SIGUSR2, in the midst of whatever they do.
LISP = """
(defvar *lock* (sb-thread:make-mutex))
(defvar *sum* 0)
(defun work (i)
  (dotimes (k 200) (make-array 10000) (sb-thread:with-mutex (*lock*) (incf *sum* i)))
  (* i i))
(let ((all (loop for i below 20 collect (let ((i i)) (sb-thread:make-thread (lambda () (work i)))))))
  (print (loop for one in all sum (sb-thread:join-thread one))))
(print *sum*)
(sb-ext:gc :full t)
(let ((sleeper (sb-thread:make-thread (lambda () (sleep 60)))))
  (sleep 0.1)
  (sb-thread:terminate-thread sleeper)
  (print (sb-thread:join-thread sleeper :default :gone)))
(print (handler-case (sb-ext:with-timeout 0.2 (sleep 60)) (sb-ext:timeout () :late)))
"""
# Likewise, by SIGPWR and SIGXCPU.
SCHEME = """
(use-modules (ice-9 threads))
(define lock (make-mutex))
(define sum 0)
(define (work i)
  (do ((k 0 (+ k 1))) ((= k 200) (* i i))
    (make-vector 1000 0)
    (with-mutex lock (set! sum (+ sum i)))))
(define all (map (lambda (i) (call-with-new-thread (lambda () (work i)))) (iota 20)))
(display (apply + (map join-thread all))) (newline)
(display sum) (newline)
(gc)
(display (apply + (par-map (lambda (x) (* x x)) (iota 1000)))) (newline)
"""
ERLANG = """#!/usr/bin/env escript
-mode(compile).
collect(N) -> lists:sum([receive X -> X end || _ <- lists:seq(1, N)]).
serve(Listener) ->
  {ok, Peer} = gen_tcp:accept(Listener),
  spawn(fun() -> receive go -> ok end, {ok, <<X:32>>} = gen_tcp:recv(Peer, 4), gen_tcp:send(Peer, <<(X * 2):32>>) end) ! go,
  serve(Listener).
ask(Port, I) ->
  {ok, Peer} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]),
  gen_tcp:send(Peer, <<I:32>>),
  {ok, <<X:32>>} = gen_tcp:recv(Peer, 4),
  X.
main(_) ->
  Self = self(),
  [spawn(fun() -> lists:sum(lists:seq(1, 10000)), Self ! I end) || I <- lists:seq(1, 1000)],
  io:format("~p~n", [collect(1000)]),
  {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {backlog, 200}, {ip, {127, 0, 0, 1}}]),
  {ok, Port} = inet:port(Listener),
  spawn(fun() -> serve(Listener) end),
  [spawn(fun() -> Self ! ask(Port, I) end) || I <- lists:seq(1, 100)],
  io:format("~p~n", [collect(100)]).
"""
OCAML = """
let lock = Mutex.create ()
let sum = ref 0
let work i =
  for _ = 1 to 200 do
    ignore (Array.make 10000 0);
    Mutex.lock lock; sum := !sum + i; Mutex.unlock lock;
    Thread.yield ()
  done;
  Thread.delay 0.01
let () =
  List.iter Thread.join (List.init 20 (Thread.create work));
  Printf.printf "%d\\n%!" !sum;
  let from, into = Unix.pipe () in
  let reader = Thread.create (fun () -> ignore (Unix.read from (Bytes.create 1) 0 1); print_endline "read") () in
  Thread.delay 0.05;
  ignore (Unix.write into (Bytes.of_string "x") 0 1);
  Thread.join reader
"""
CSHARP = """
using System; using System.Linq; using System.Net; using System.Net.Sockets; using System.Threading; using System.Threading.Tasks;
class T {
  static int Ask(int port, int i) {
    var stream = new TcpClient("127.0.0.1", port).GetStream();
    stream.WriteByte((byte)i);
    return stream.ReadByte();
  }
  static void Main() {
    int sum = 0;
    var door = new object();
    var all = Enumerable.Range(0, 20).Select(i => new Thread(() => {
      for (int k = 0; k < 200; k++) { GC.KeepAlive(new byte[10000]); lock (door) sum += i; }
    })).ToList();
    all.ForEach(t => t.Start());
    all.ForEach(t => t.Join());
    GC.Collect();
    Console.WriteLine(sum);
    Console.WriteLine(Enumerable.Range(0, 1000).AsParallel().Select(x => x * x).Sum());
    var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start(100);
    int port = ((IPEndPoint)listener.LocalEndpoint).Port;
    Task.Run(() => {
      for (int i = 0; i < 50; i++) {
        var peer = listener.AcceptTcpClient();
        new Thread(() => { var s = peer.GetStream(); s.WriteByte((byte)(s.ReadByte() + 1)); peer.Close(); }).Start();
      }
    });
    Console.WriteLine(Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => Ask(port, i)))).Result.Sum());
    var sleeper = new Thread(() => { try { Thread.Sleep(60000); } catch (ThreadInterruptedException) { Console.WriteLine("woken"); } });
    sleeper.Start();
    Thread.Sleep(50);
    sleeper.Interrupt();
    sleeper.Join();
    var spinner = new Thread(() => { try { for (;;) { } } catch (ThreadAbortException) { Console.WriteLine("stopped"); } });
    spinner.Start();
    Thread.Sleep(50);
    spinner.Abort();
    spinner.Join();
  }
}
"""
# name -> file, source, command that builds it or none, command
ALL = {
    "java": ("T.java", JAVA, [], ["java", "{}/T.java"]),
    "node": ("t.js", NODE, [], ["node", "{}/t.js"]),
    "go program": ("t.go", GO, ["go", "build", "-o", "go-program", "t.go"], ["{}/go-program"]),
    "ruby": ("t.rb", RUBY, [], ["ruby", "{}/t.rb"]),
    "perl": ("t.pl", PERL, [], ["perl", "{}/t.pl"]),
    "sbcl": ("t.lisp", LISP, [], ["sbcl", "--script", "{}/t.lisp"]),
    "guile": ("t.scm", SCHEME, [], ["guile", "--no-auto-compile", "{}/t.scm"]),
    "erlang": ("t.escript", ERLANG, [], ["escript", "{}/t.escript"]),
    "ocaml": ("t.ml", OCAML, ["ocamlopt", "-I", "+threads", "unix.cmxa", "threads.cmxa", "t.ml", "-o", "ocaml-program"],
              ["{}/ocaml-program"]),
    "mono": ("t.cs", CSHARP, ["mcs", "-out:t.exe", "t.cs"], ["mono", "{}/t.exe"]),
}


def commands(folder):
    """Name -> command, of those whose language is there; each is built."""
    out = {}
    env = dict(os.environ, GO111MODULE="off", GOCACHE=os.path.join(folder, "cache"), CGO_ENABLED="1")
    for name, (file, source, build, command) in ALL.items():
        if not shutil.which((build or command)[0]):
            continue
        write(folder, file, source)
        if build:
            subprocess.run(build, cwd=folder, env=env, stdout=subprocess.DEVNULL, check=True)
        out[name] = [part.format(folder) for part in command]
    return out
