// The Go side of the micro benchmarks: the same exchanges with goroutines and channels, named like their pthread twins.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

func emit(name string, start time.Time, n int) {
	fmt.Printf("%s %.6g ns\n", name, float64(time.Since(start).Nanoseconds())/float64(n))
}

func pingpong(handOvers int) {
	a, b := make(chan struct{}), make(chan struct{})
	start := time.Now()
	go func() {
		for i := 0; i < handOvers/2; i++ {
			<-a
			b <- struct{}{}
		}
	}()
	for i := 0; i < handOvers/2; i++ {
		a <- struct{}{}
		<-b
	}
	emit("pingpong", start, handOvers)
}

func create(total, size int, name string) {
	start := time.Now()
	for done := 0; done < total; done += size {
		var wg sync.WaitGroup
		wg.Add(size)
		for i := 0; i < size; i++ {
			go wg.Done()
		}
		wg.Wait()
	}
	emit(name, start, total)
}

func createChannel(total int) {
	start := time.Now()
	done := make(chan struct{})
	for i := 0; i < total; i++ {
		go func() { done <- struct{}{} }()
		<-done
	}
	emit("create_join", start, total)
}

func yield(goroutines, total int) {
	var wg sync.WaitGroup
	wg.Add(goroutines)
	start := time.Now()
	for g := 0; g < goroutines; g++ {
		go func() {
			for i := 0; i < total/goroutines; i++ {
				runtime.Gosched()
			}
			wg.Done()
		}()
	}
	wg.Wait()
	emit(fmt.Sprintf("yield_%d", goroutines), start, total)
}

func pipeline(stages, items, slots int) {
	first := make(chan int, slots)
	last := first
	for i := 0; i < stages; i++ {
		in, out := last, make(chan int, slots)
		go func() {
			for n := 0; n < items; n++ {
				out <- <-in + 1
			}
		}()
		last = out
	}
	start := time.Now()
	go func() {
		for i := 0; i < items; i++ {
			first <- i
		}
	}()
	for i := 0; i < items; i++ {
		if <-last != i+stages {
			panic("wrong item")
		}
	}
	emit(fmt.Sprintf("pipeline_%d_slots%d", stages, slots), start, items*(stages+1))
}

func uncontended() {
	var mu sync.Mutex
	const times = 5000000
	start := time.Now()
	for i := 0; i < times; i++ {
		mu.Lock()
		mu.Unlock()
	}
	emit("mutex_uncontended", start, times)
}

func main() {
	pingpong(1000000)
	createChannel(500000)
	create(1000000, 100, "create_join_batch100")
	create(1000000, 1000, "create_join_batch1000")
	for _, n := range []int{1, 2, 16, 1000} {
		yield(n, 2000000)
	}
	pipeline(100, 20000, 1)
	pipeline(100, 20000, 64)
	uncontended()
}
