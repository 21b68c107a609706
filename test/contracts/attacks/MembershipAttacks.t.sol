// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry as I} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {ISlashing} from "../../../contracts/interfaces/ISlashing.sol";
import {Holdings} from "../../../contracts/libraries/Holdings.sol";
import {Fixture} from "../support/Fixture.sol";

/// Numbered like the list of attacks in docs/contracts.md.
contract MembershipAttacksTest is Fixture {
    uint256 private constant SECRET = 0x5ec4e7;
    bytes32 private constant SALT = "salt";

    function test_attack11_revealCopiedFromTheMempool() public {
        join(SECRET, 100, mallory);
        commitAndWait(bob, SECRET, SALT);
        // carol sees bob's reveal, and his commitment before it: neither is of use to her
        vm.startPrank(carol);
        vm.expectRevert(
            abi.encodeWithSelector(ISlashing.UnknownCommitment.selector, slashCommitment(carol, SECRET, SALT))
        );
        registry.slash(SECRET, mallory, SALT);
        registry.commitSlash(slashCommitment(bob, SECRET, SALT));
        vm.roll(block.number + 2);
        vm.expectRevert(
            abi.encodeWithSelector(ISlashing.UnknownCommitment.selector, slashCommitment(carol, SECRET, SALT))
        );
        registry.slash(SECRET, mallory, SALT);
        vm.stopPrank();
        vm.prank(bob);
        registry.slash(SECRET, mallory, SALT);
        eq(token.balanceOf(bob), WEALTH + 50 * DEPOSIT, "bob has his reward");
    }

    function test_attack11_aCopiedCommitmentDoesNotDelayItsAuthor() public {
        join(SECRET, 100, mallory);
        bytes32 commitment = slashCommitment(bob, SECRET, SALT);
        vm.prank(bob);
        registry.commitSlash(commitment);
        vm.roll(block.number + 2);
        vm.prank(mallory);
        registry.commitSlash(commitment); // does not touch bob's
        vm.prank(bob);
        registry.slash(SECRET, mallory, SALT);
    }

    function test_attack11_aStandingCommitmentToOneselfDoesNotWin() public {
        join(SECRET, 100, mallory);
        commitAndWait(mallory, SECRET, SALT); // long before anybody knows the secret
        commitAndWait(bob, SECRET, SALT);
        vm.prank(bob); // the first valid reveal wins
        registry.slash(SECRET, mallory, SALT);
        vm.prank(mallory);
        vm.expectPartialRevert(ISlashing.NotSlashable.selector);
        registry.slash(SECRET, mallory, SALT);
    }

    function test_attack11_slashingOneselfCostsHalf() public {
        join(SECRET, 101, mallory);
        uint256 before = token.balanceOf(mallory);
        commitAndWait(mallory, SECRET, SALT);
        vm.prank(mallory);
        registry.slash(SECRET, mallory, SALT);
        eq(token.balanceOf(mallory) - before, (101 * uint256(DEPOSIT)) / 2, "half, rounded down");
    }

    function test_attack11_slashedUntilTheDepositIsOut() public {
        // while exiting, in its last second before withdrawal
        uint256 id = join(SECRET, 100, mallory);
        vm.prank(mallory);
        registry.exit(id);
        commitAndWait(bob, SECRET, SALT);
        vm.warp(registry.member(id, mallory).withdrawableAt);
        vm.prank(bob);
        registry.slash(SECRET, mallory, SALT);
        vm.expectRevert(abi.encodeWithSelector(I.NotWithdrawable.selector, id, mallory, I.State.Slashed, 0));
        registry.withdraw(id, mallory);

        // long expired, but not withdrawn
        join(SECRET + 1, 100, mallory);
        skip(TERM + GRACE + EXIT_DELAY + 1 days);
        commitAndWait(bob, SECRET + 1, SALT);
        vm.prank(bob);
        registry.slash(SECRET + 1, mallory, SALT);

        // withdrawn: too late
        id = join(SECRET + 2, 100, mallory);
        skip(TERM + GRACE + EXIT_DELAY + 1);
        registry.withdraw(id, mallory);
        commitAndWait(bob, SECRET + 2, SALT);
        vm.prank(bob);
        vm.expectRevert(
            abi.encodeWithSelector(ISlashing.NotSlashable.selector, id, mallory, I.State.Withdrawn)
        );
        registry.slash(SECRET + 2, mallory, SALT);
    }

    function test_attack12_aFullTreeIsFollowedByTheNext() public {
        // the ledger word, slot 1: as if 2^20 - 1 members had come before
        vm.store(address(registry), bytes32(uint256(1)), bytes32(uint256(2 ** 20 - 1)));
        eq(registry.memberCount(), 2 ** 20 - 1, "members before");
        uint256 id = join(SECRET, 1, alice);
        eq(registry.member(id, alice).index, 2 ** 20 - 1, "last leaf of tree 0");
        id = join(SECRET + 1, 1, alice);
        eq(registry.member(id, alice).index, 2 ** 20, "first leaf of tree 1");
    }

    function test_attack12_everyLeafIsPaidFor() public {
        uint256 before = token.balanceOf(mallory);
        for (uint256 i = 0; i < 20; ++i) join(SECRET + i, 1, mallory);
        eq(before - token.balanceOf(mallory), 20 * (DEPOSIT + FEE), "twenty deposits and fees");
    }

    function test_attack13_theDepositLeavesAfterEveryRootThatHadTheLeaf() public {
        ok(
            registry.exitDelay() > registry.rootWindow() + 3 * registry.epochSeconds(),
            "delay outlasts roots"
        );
        uint256 id = join(SECRET, 1, mallory);
        vm.startPrank(mallory);
        registry.exit(id); // the leaf goes with this event
        vm.expectPartialRevert(I.NotWithdrawable.selector);
        registry.withdraw(id, mallory);
        vm.stopPrank();
        // expired without exit: the leaf goes when the grace period ends, the deposit a delay later
        id = join(SECRET + 1, 1, mallory);
        uint256 leafGone = uint256(registry.member(id, mallory).expiry) + GRACE + 1;
        vm.warp(leafGone);
        vm.expectRevert(
            abi.encodeWithSelector(
                I.NotWithdrawable.selector,
                id,
                mallory,
                I.State.Active,
                leafGone + EXIT_DELAY
            )
        );
        registry.withdraw(id, mallory);
        vm.expectPartialRevert(I.TermOver.selector); // and cannot come back
        registry.renew(id, mallory, type(uint256).max);
    }

    function test_attack14_priceAboveWhatWasAgreed() public {
        uint256 cost = 100 * (DEPOSIT + FEE);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.PriceTooHigh.selector, cost, cost - 1));
        registry.register(1, 100, alice, 0, cost - 1);
        registry.register(1, 100, alice, 0, cost);
        vm.stopPrank();
    }

    function test_attack15_commitmentSquatting() public {
        uint256 id = commitmentOf(SECRET);
        vm.prank(mallory); // sees alice's registration and takes her commitment first
        registry.register(id, 1, mallory, 0, type(uint256).max);
        join(SECRET, 100, alice);
        eq(registry.member(id, alice).rateLimit, 100, "alice has her own membership");
        commitAndWait(alice, SECRET, SALT); // and mallory's deposit, if she likes
        vm.prank(alice);
        registry.slash(SECRET, mallory, SALT);
        eq(uint8(registry.member(id, alice).state), uint8(I.State.Active), "without losing her own");
    }

    function test_attack15_aGiftCannotSpoilAHolder() public {
        uint256 id = commitmentOf(SECRET);
        vm.prank(mallory); // registers alice with a limit she did not want
        registry.register(id, 1, alice, 0, type(uint256).max);
        vm.prank(alice);
        registry.exit(id); // the deposit is alice's
        join(SECRET + 1, 100, alice); // a new secret costs her nothing
    }

    function test_attack15_stakeCannotSkipTheThaw() public {
        uint32 id = operatorWithStake(mallory, mallory, mallory);
        vm.startPrank(mallory);
        staking.thaw(id, 0, MINIMUM_STAKE);
        vm.expectPartialRevert(Holdings.NothingThawed.selector);
        staking.withdraw(id, 0);
        vm.stopPrank();
    }

    function test_attack15_aSquattedNodeKeyIsTakenBackByTheNode() public {
        vm.prank(mallory);
        uint32 squat = staking.createOperator(bob, mallory, address(0));
        vm.prank(alice);
        uint32 id = staking.createOperator(bob, alice, address(0));
        eq(staking.operatorOf(bob), squat, "first come");
        vm.prank(bob);
        staking.bindNode(id);
        eq(staking.operatorOf(bob), id, "the node decides");
        vm.prank(mallory);
        staking.setKeys(squat, bob, mallory);
        eq(staking.operatorOf(bob), id, "for good");
    }

    function test_attack16_theLedgerHashTellsTheOrderOfChanges() public {
        join(SECRET, 1, alice);
        bytes32 one = registry.ledger();
        join(SECRET + 1, 1, bob);
        bytes32 two = registry.ledger();
        setUp(); // the same changes in the other order, in the same block
        join(SECRET + 1, 1, bob);
        ok(registry.ledger() != one, "after one");
        join(SECRET, 1, alice);
        ok(registry.ledger() != two, "after both");
    }

    function test_attack24_theCostOfJoiningDoesNotGrow() public {
        join(SECRET, 1, alice);
        uint256 first;
        for (uint256 i = 1; i <= 60; ++i) {
            uint256 id = commitmentOf(SECRET + i);
            vm.prank(alice);
            uint256 gas = gasleft();
            registry.register(id, 1, alice, 0, type(uint256).max);
            gas -= gasleft();
            if (i == 1) first = gas;
            else ok(gas <= first + 500, "the same for every member");
        }
    }

    function test_attack25_theDepositComesBackWithoutAnybodysHelp() public {
        uint256 id = join(SECRET, 100, alice);
        vm.prank(alice);
        registry.exit(id);
        skip(EXIT_DELAY);
        vm.prank(alice);
        registry.withdraw(id, alice);
        eq(token.balanceOf(alice), WEALTH - 100 * FEE, "all but the fee");
    }
}
