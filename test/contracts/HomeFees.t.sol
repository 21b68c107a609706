// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IHomeFees} from "../../contracts/interfaces/IHomeFees.sol";
import {IMembershipRegistry as I} from "../../contracts/interfaces/IMembershipRegistry.sol";
import {MembershipFixture} from "./support/MembershipFixture.sol";

contract HomeFeesTest is MembershipFixture {
    uint32 private constant HOME = 1;
    uint32 private constant OTHER = 2;

    address private payee;
    address private otherPayee;

    function setUp() public override {
        super.setUp();
        (payee, ) = account("payee");
        (otherPayee, ) = account("other payee");
        eq(goodOperator(payee), HOME, "home");
        eq(goodOperator(otherPayee), OTHER, "other");
    }

    function claim(uint256 id) private returns (uint256) {
        return registry.claimFees(list(id, alice));
    }

    function owes(uint32 home, uint256 amount, string memory what) private view {
        (uint256 held, ) = registry.owed(home);
        eq(held, amount, what);
    }

    // --- claimFees ---

    function test_claimFees_refusesAnEmptyList() public {
        vm.expectRevert(IHomeFees.NoKeys.selector);
        registry.claimFees(new IHomeFees.Key[](0));
    }

    function test_claimFees_refusesDifferentHomes() public {
        IHomeFees.Key[] memory keys = new IHomeFees.Key[](2);
        keys[0] = IHomeFees.Key(joinAt(SECRET, 10, alice, HOME), alice);
        keys[1] = IHomeFees.Key(join(SECRET + 1, 10, alice), alice);
        vm.expectRevert(abi.encodeWithSelector(IHomeFees.DifferentHome.selector, HOME, 0));
        registry.claimFees(keys);
    }

    function test_claimFees_refusesWithoutGoodStanding() public {
        uint256 id = joinAt(SECRET, 10, alice, HOME);
        skip(100);
        endGoodStanding(HOME);
        vm.expectRevert(abi.encodeWithSelector(IHomeFees.NotInGoodStanding.selector, HOME));
        claim(id);
    }

    function test_claimFees_paysNineTenthsToTheHomeAndBurnsTheRest() public {
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        skip(TERM / 2);
        eq(registry.accruedFees(id, alice), 50 * FEE, "half has streamed");
        uint128 credit = creditOf(HOME);
        vm.expectEmit();
        emit IHomeFees.FeesClaimed(HOME, payee, 45 * FEE, 5 * FEE);
        eq(claim(id), 45 * FEE, "paid");
        eq(token.balanceOf(payee), 45 * FEE, "nine tenths of half the fee");
        eq(token.balanceOf(BURNED), 5 * FEE, "one tenth of half the fee");
        eq(creditOf(HOME), credit - 45 * FEE, "drawn from the credit");
        eq(claim(id), 0, "nothing twice");
    }

    function test_claimFees_burnsAllWithoutAHome() public {
        uint256 id = join(SECRET, 100, alice);
        skip(TERM * 2);
        vm.expectEmit();
        emit IHomeFees.FeesClaimed(0, BURNED, 0, 100 * FEE);
        eq(claim(id), 0, "paid to nobody");
        eq(token.balanceOf(BURNED), 100 * FEE, "the whole fee");
    }

    function test_claimFees_burnsWhatStreamedBeforeGoodStanding() public {
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        skip(TERM / 4);
        slashOperator(HOME); // slashed just now
        skip(TERM / 4);
        eq(claim(id), (25 * FEE * 9) / 10, "paid for the second quarter");
        eq(feesBurned(), 25 * FEE + (25 * FEE) / 10, "the first is burned");
        eq(registry.accruedFees(id, alice), 0, "all is settled");
    }

    function test_claimFees_burnsAllOfATermThatEndedBeforeGoodStanding() public {
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        skip(TERM + 10);
        slashOperator(HOME);
        eq(claim(id), 0, "nothing was earned");
        eq(feesBurned(), 100 * FEE, "burned");
    }

    function test_claimFees_isCutToTheCreditAndTheRestWaits() public {
        IHomeFees.Key[] memory keys = new IHomeFees.Key[](3);
        for (uint256 i = 0; i < 3; ++i) keys[i] = IHomeFees.Key(joinAt(SECRET + i, 100, alice, HOME), alice);
        uint256 start = block.timestamp;
        skip(TERM / 2);
        leaveCredit(HOME, uint128(60 * FEE)); // of 135: the first whole, a third of the second
        eq(registry.claimFees(keys), 60 * FEE, "all the credit");
        eq(creditOf(HOME), 0, "is used up");
        eq(registry.member(keys[0].idCommitment, alice).claimedUntil, start + TERM / 2, "first: until now");
        eq(registry.member(keys[1].idCommitment, alice).claimedUntil, start + TERM / 6, "second: cut");
        eq(registry.member(keys[2].idCommitment, alice).claimedUntil, start, "third: untouched");
        eq(registry.claimFees(keys), 0, "no credit, no pay");

        skip(TERM); // in which there is credit again
        eq(registry.claimFees(keys), 210 * FEE + 1, "what waited is paid later");
        eq(token.balanceOf(payee), 270 * FEE + 1, "nothing is lost");
        eq(token.balanceOf(BURNED), 30 * FEE - 1, "a tenth in all, rounded down twice");
    }

    /// However the credit comes in, exactly the credit is paid, by whole seconds, and never more than streamed.
    function testFuzz_claimFees_neverPaysMoreThanTheCredit(uint16[6] memory credits, uint16 limit) public {
        limit = uint16(within(limit, 1, 600));
        uint256 id = joinAt(SECRET, limit, alice, HOME);
        skip(TERM);
        uint256 second = (uint256(limit) * FEE) / TERM + 1;
        for (uint256 i = 0; i < credits.length; ++i) {
            uint128 given = uint128(uint256(credits[i]) * limit);
            uint256 before = registry.accruedFees(id, alice);
            skip(1); // the credit of a second is more than is given
            leaveCredit(HOME, given);
            uint256 paid = claim(id);
            uint256 gross = before - registry.accruedFees(id, alice);
            ok(paid <= given, "paid <= credit");
            eq(paid, gross - gross / 10, "nine tenths of what left the stream");
            bool whole = registry.accruedFees(id, alice) == 0;
            ok(whole || paid + second >= given, "all the credit but less than a second of it");
        }
        skip(1);
        claim(id);
        uint256 out = token.balanceOf(payee) + token.balanceOf(BURNED);
        eq(out, uint256(limit) * FEE, "paid + burned = fee");
    }

    /// The parts of a stream add up to the fee exactly, whenever they are claimed, also after exit and renewal.
    function testFuzz_claimFees_partsAddUp(uint16[4] memory pauses, uint16 limit, bool leaves) public {
        limit = uint16(within(limit, 1, 600));
        uint256 id = joinAt(SECRET, limit, alice, HOME);
        renew(id, alice);
        if (leaves) exit(id, alice);
        for (uint256 i = 0; i < pauses.length; ++i) {
            skip(pauses[i]);
            claim(id);
        }
        uint256 end = registry.member(id, alice).expiry;
        if (block.timestamp < end) vm.warp(end);
        claim(id);
        eq(token.balanceOf(payee) + token.balanceOf(BURNED), 2 * uint256(limit) * FEE, "both fees, exactly");
        ok(token.balanceOf(BURNED) * 10 <= 2 * uint256(limit) * FEE, "at most a tenth burned");
    }

    function test_claimFees_goesOnAfterExitSlashAndWithdrawal() public {
        uint256 left = joinAt(SECRET, 100, alice, HOME);
        uint256 slashed = joinAt(SECRET + 1, 100, alice, HOME);
        exit(left, alice);
        commitAndWait(bob, SECRET + 1, SALT);
        vm.prank(bob);
        registry.slash(SECRET + 1, alice, SALT);
        skip(EXIT_DELAY);
        registry.withdraw(left, alice);
        skip(TERM);
        eq(claim(left), 90 * FEE, "the fee of who left");
        eq(claim(slashed), 90 * FEE, "and of who was slashed");
    }

    // --- setHome ---

    function test_setHome_isTheHoldersOnly() public {
        uint256 id = joinAt(SECRET, 10, alice, HOME);
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(IHomeFees.UnknownMember.selector, id, mallory));
        registry.setHome(id, OTHER);
    }

    function test_setHome_refusesAnUnknownHome() public {
        uint256 id = joinAt(SECRET, 10, alice, HOME);
        uint32[2] memory unknown = [3, type(uint32).max];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(I.UnknownHome.selector, unknown[i]));
            registry.setHome(id, unknown[i]);
        }
    }

    function test_setHome_movesWhatAccruedToTheOldHomesOwed() public {
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        skip(TERM / 4);
        vm.expectEmit();
        emit IHomeFees.HomeSet(id, alice, OTHER, HOME, 25 * FEE, 0);
        setHome(id, alice, OTHER);
        owes(HOME, 25 * FEE, "owed to the old home");
        eq(registry.accruedFees(id, alice), 0, "the new one begins now");
        eq(registry.member(id, alice).home, OTHER, "home");
        eq(registry.member(id, alice).nonce, 1, "voids what was signed before");

        skip(TERM); // to the end of the term
        claim(id);
        eq(token.balanceOf(otherPayee), (75 * FEE * 9) / 10, "the new home gets the rest");
        vm.expectEmit();
        emit IHomeFees.FeesClaimed(HOME, payee, (25 * FEE * 9) / 10, (25 * FEE) / 10);
        eq(registry.claimOwed(HOME), (25 * FEE * 9) / 10, "the old one what it is owed");
        eq(token.balanceOf(payee), (25 * FEE * 9) / 10, "to its payee");
        eq(token.balanceOf(address(registry)), 100 * DEPOSIT, "the deposit is left");
    }

    function test_setHome_toAndFromNobodyBurns() public {
        uint256 id = joinAt(SECRET, 100, alice, 0);
        skip(TERM / 4);
        vm.expectEmit();
        emit IHomeFees.HomeSet(id, alice, HOME, 0, 0, 25 * FEE);
        setHome(id, alice, HOME);
        owes(0, 25 * FEE, "to be burned");
        skip(TERM / 4);
        setHome(id, alice, 0);
        owes(HOME, 25 * FEE, "owed to the home of a quarter");
        eq(registry.claimOwed(0), 0, "nobody is paid");
        eq(token.balanceOf(BURNED), 25 * FEE, "burned");
        owes(0, 0, "nothing is left to burn");
    }

    function test_setHome_burnsWhatAnOperatorOutOfGoodStandingDidNotEarn() public {
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        skip(TERM / 4);
        slashOperator(HOME);
        skip(TERM / 4);
        setHome(id, alice, OTHER);
        owes(HOME, 25 * FEE, "earned since good standing");
        owes(0, 25 * FEE, "not earned before");
        endGoodStanding(OTHER);
        skip(TERM / 4);
        setHome(id, alice, HOME);
        owes(OTHER, 0, "nothing without good standing");
        owes(0, 50 * FEE, "burned in its place");
    }

    function test_setHome_worksAfterExitAndExpiry() public {
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        exit(id, alice);
        skip(TERM / 2);
        setHome(id, alice, OTHER);
        owes(HOME, 50 * FEE, "half");
        skip(TERM);
        setHome(id, alice, HOME);
        owes(OTHER, 50 * FEE, "the other half, no more");
        skip(TERM);
        setHome(id, alice, OTHER);
        owes(HOME, 50 * FEE, "nothing streams after expiry");
    }

    // --- claimOwed ---

    function test_claimOwed_refusesWhenNothingIsOwed() public {
        vm.expectRevert(abi.encodeWithSelector(IHomeFees.NothingOwed.selector, HOME));
        registry.claimOwed(HOME);
    }

    function test_claimOwed_refusesWithoutGoodStanding() public {
        owe(HOME);
        endGoodStanding(HOME);
        vm.expectRevert(abi.encodeWithSelector(IHomeFees.NotInGoodStanding.selector, HOME));
        registry.claimOwed(HOME);
    }

    function test_claimOwed_isCutToTheCredit() public {
        owe(HOME);
        leaveCredit(HOME, uint128(9 * FEE));
        eq(registry.claimOwed(HOME), 9 * FEE, "all the credit");
        owes(HOME, 15 * FEE, "the rest waits");
        skip(1);
        eq(registry.claimOwed(HOME), (15 * FEE * 9) / 10, "and is paid later");
        owes(HOME, 0, "all paid");
    }

    function test_claimOwed_burnsWhatWasOwedFromBeforeGoodStanding() public {
        owe(HOME);
        slashOperator(HOME); // slashed in the second in which it was owed
        eq(registry.claimOwed(HOME), 0, "nothing for the operator");
        eq(feesBurned(), 25 * FEE, "burned");
    }

    function test_claimOwed_keepsNewDebtsApartFromOldOnes() public {
        uint256 id = owe(HOME);
        skip(1);
        slashOperator(HOME); // slashed: what it was owed is lost
        setHome(id, alice, HOME);
        skip(TERM / 4);
        setHome(id, alice, OTHER);
        owes(HOME, 25 * FEE, "only what it earned since");
        owes(0, 25 * FEE, "the old debt is to be burned");
        eq(registry.claimOwed(HOME), (25 * FEE * 9) / 10, "nine tenths of that");
    }

    /// @dev alice leaves `home` after a quarter of the term.
    function owe(uint32 home) private returns (uint256 id) {
        id = joinAt(SECRET, 100, alice, home);
        skip(TERM / 4);
        setHome(id, alice, OTHER);
        owes(home, 25 * FEE, "a quarter of the fee");
    }
}
