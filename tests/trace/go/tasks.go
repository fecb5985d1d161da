// tasks: user tasks within tasks, regions within regions, logs; some begin before tracing, some never end.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
)

func job(ctx context.Context, i int) {
	ctx, task := trace.NewTask(ctx, fmt.Sprintf("job %d", i%3))
	trace.Log(ctx, "kind", "an \"odd\" one\n")
	trace.WithRegion(ctx, "outer", func() {
		defer trace.StartRegion(ctx, "inner").End()
		runtime.Gosched()
		trace.Logf(ctx, "", "step %d ünïcode 日本", i)
	})
	if i%5 != 0 {
		task.End()
	}
}

func main() {
	f, err := os.Create(os.Args[1])
	check(err)
	early := trace.StartRegion(context.Background(), "early")
	check(trace.Start(f))
	ctx, all := trace.NewTask(context.Background(), "all")
	early.End()
	open := trace.StartRegion(ctx, "open")
	for i := 0; i < scale(); i++ {
		var wg sync.WaitGroup
		for k := 0; k < 30; k++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				job(ctx, k)
			}()
		}
		wg.Wait()
	}
	all.End()
	trace.Stop()
	open.End()
	check(f.Close())
}
