;; before
(module
 (func $f
  (local $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local.set $0
   (global.get $__stack_pointer)
  )
  (local.set $1
   (i32.const 16)
  )
  (local.set $2
   (i32.sub
    (local.get $0)
    (local.get $1)
   )
  )
  (global.set $__stack_pointer
   (local.get $2)
  )
  (i32.store offset=12
   (local.get $2)
   (global.get $__stack_pointer)
  )
  (call $use
   (local.get $2)
  )
  (local.set $3
   (i32.load offset=12
    (local.get $2)
   )
  )
  (global.set $__stack_pointer
   (local.get $3)
  )
  (local.set $4
   (i32.add
    (local.get $2)
    (local.get $1)
   )
  )
  (global.set $__stack_pointer
   (local.get $4)
  )
 )
)

;; after
(module
 (func $f
  (local $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local.set $0
   (global.get $__stack_pointer)
  )
  (local.set $1
   (i32.const 16)
  )
  (local.set $2
   (if (result i32)
    (i32.lt_u
     (local.tee $5
      (i32.sub
       (local.get $0)
       (local.get $1)
      )
     )
     (global.get $port_stack_lo)
    )
    (then
     (call $port_stack_grow
      (local.get $5)
      (i32.const 16)
     )
    )
    (else
     (global.set $__stack_pointer
      (local.get $5)
     )
     (local.get $5)
    )
   )
  )
  (drop
   (local.get $2)
  )
  (i32.store offset=12
   (local.get $2)
   (global.get $__stack_pointer)
  )
  (call $use
   (local.get $2)
  )
  (local.set $3
   (i32.load offset=12
    (local.get $2)
   )
  )
  (if
   (i32.gt_u
    (i32.sub
     (local.tee $5
      (local.get $3)
     )
     (global.get $port_stack_lo)
    )
    (global.get $port_stack_size)
   )
   (then
    (call $port_stack_shrink
     (local.get $5)
    )
   )
   (else
    (global.set $__stack_pointer
     (local.get $5)
    )
   )
  )
  (local.set $4
   (i32.add
    (local.get $2)
    (local.get $1)
   )
  )
  (if
   (i32.gt_u
    (i32.sub
     (local.tee $5
      (local.get $4)
     )
     (global.get $port_stack_lo)
    )
    (global.get $port_stack_size)
   )
   (then
    (call $port_stack_shrink
     (local.get $5)
    )
   )
   (else
    (global.set $__stack_pointer
     (local.get $5)
    )
   )
  )
 )
)

